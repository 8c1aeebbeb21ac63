import { serve } from "../rpc/serve.ts";
import { randomPlugin } from "./randomPlugin.ts";

serve(randomPlugin);
