import { once } from "node:events";
import { createServer } from "node:net";

/** Below the range that the kernel gives to outgoing connections: a pod that is down must find its port free again. */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** Different TCP ports of 127.0.0.1 that were all free a moment ago and stay so unless somebody asks for just these. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, "127.0.0.1");
  try {
    await once(probe, "listening");
  } catch {
    return false;
  }
  probe.close();
  await once(probe, "close");
  return true;
}
