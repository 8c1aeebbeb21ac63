import * as pulumi from "@pulumi/pulumi";
import { Credentials } from "../../components/credentials/credentials.ts";
import type { AppConfig } from "../../stacks/configSchema.ts";
import { deploy, type Deployment } from "./pulumi.ts";

/** What components are given besides their configuration. */
export interface Surroundings {
  readonly config: AppConfig;
  readonly namespace: string;
  readonly credentials: Credentials;
  readonly workerImage: string;
  readonly startAfter: pulumi.Resource[];
}

/** Image reference that stands for the built worker image. */
export const WORKER_IMAGE = "registry.example.com/worker:1@sha256:abc";

/** Name of the component that stands for what has to be in place first. */
export const FIRST = "first";

/** Deploys one component between stand-ins for the rest of a stack. */
export function deployComponent<T>(
  config: AppConfig,
  make: (surroundings: Surroundings) => T,
): Promise<Deployment<T>> {
  return deploy(() => {
    const { namespace } = config;
    const first = new pulumi.ComponentResource("sessiondb:index:First", FIRST);
    const credentials = new Credentials("sessiondb-credentials", { config, namespace });
    return make({ config, namespace, credentials, workerImage: WORKER_IMAGE, startAfter: [first] });
  });
}
