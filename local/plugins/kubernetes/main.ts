import { serve } from "../rpc/serve.ts";
import { KubernetesPlugin } from "./kubernetesPlugin.ts";

serve(new KubernetesPlugin(process.env));
