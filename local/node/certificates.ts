import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { isAccessible } from "../support/accessible.ts";
import { KUBERNETES_SERVICE_ADDRESS, NODE_NAME, type NodeSettings } from "./settings.ts";

/** A certificate to sign: who it is for, and the names it may serve under. */
interface CertificateRequest {
  readonly name: string;
  readonly subject: string;
  readonly subjectAltNames: readonly string[];
}

const VALID_DAYS = "3650";

function requests(settings: NodeSettings): CertificateRequest[] {
  const address = settings.nodeAddress;
  return [
    {
      name: "apiserver",
      subject: "/CN=kube-apiserver",
      subjectAltNames: [
        ...["127.0.0.1", address, KUBERNETES_SERVICE_ADDRESS].map((ip) => `IP:${ip}`),
        ...["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"].map(
          (dns) => `DNS:${dns}`,
        ),
      ],
    },
    {
      name: "kubelet",
      subject: `/O=system:nodes/CN=system:node:${NODE_NAME}`,
      subjectAltNames: [`DNS:${NODE_NAME}`, `IP:${address}`],
    },
    { name: "admin", subject: "/O=system:masters/CN=sessiondb-admin", subjectAltNames: ["DNS:admin"] },
    {
      name: "controller-manager",
      subject: "/CN=system:kube-controller-manager",
      subjectAltNames: ["DNS:controller-manager"],
    },
    { name: "scheduler", subject: "/CN=system:kube-scheduler", subjectAltNames: ["DNS:scheduler"] },
    { name: "proxy", subject: "/CN=system:kube-proxy", subjectAltNames: ["DNS:proxy"] },
    { name: "front-proxy", subject: "/CN=front-proxy", subjectAltNames: ["DNS:front-proxy"] },
  ];
}

async function sign(directory: string, request: CertificateRequest): Promise<void> {
  const file = (extension: string): string => join(directory, `${request.name}.${extension}`);
  const extensions = `subjectAltName=${request.subjectAltNames.join(",")}\nextendedKeyUsage=serverAuth,clientAuth\n`;
  await writeFile(file("ext"), extensions);
  await execa("openssl", [
    ...["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-keyout", file("key"), "-out", file("csr"), "-subj", request.subject],
  ]);
  await execa("openssl", [
    ...[
      "x509",
      "-req",
      "-in",
      file("csr"),
      "-CA",
      join(directory, "ca.crt"),
      "-CAkey",
      join(directory, "ca.key"),
    ],
    ...["-CAcreateserial", "-days", VALID_DAYS, "-extfile", file("ext"), "-out", file("crt")],
  ]);
}

/**
 * Makes the cluster's certificate authority, the certificates of its parts and the key that signs service
 * account tokens. Done once per instance: the marker file is written last, so a killed run starts over.
 */
export async function ensureCertificates(settings: NodeSettings): Promise<void> {
  const { pki } = settings.directories;
  const marker = join(pki, "complete");
  if (await isAccessible(marker)) return;
  await mkdir(pki, { recursive: true, mode: 0o700 });
  await execa("openssl", [
    ...[
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      VALID_DAYS,
    ],
    ...["-keyout", join(pki, "ca.key"), "-out", join(pki, "ca.crt"), "-subj", "/CN=sessiondb-local-ca"],
  ]);
  // One after the other: they share the authority's serial file.
  for (const request of requests(settings)) await sign(pki, request);
  await execa("openssl", ["genrsa", "-out", join(pki, "service-account.key"), "2048"]);
  await execa("openssl", [
    "rsa",
    "-in",
    join(pki, "service-account.key"),
    "-pubout",
    "-out",
    join(pki, "service-account.pub"),
  ]);
  await writeFile(marker, "");
}
