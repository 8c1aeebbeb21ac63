import { serve } from "../rpc/serve.ts";
import { DockerBuildPlugin } from "./dockerBuildPlugin.ts";

serve(new DockerBuildPlugin(process.env));
