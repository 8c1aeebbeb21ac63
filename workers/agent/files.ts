import { open, readFile, rename, rm } from "node:fs/promises";
import { errorCode } from "../shared/errorCode.ts";

/** Replaces a file in one step: readers see the old text or the new one, also after a power loss. */
export async function writeAtomically(path: string, text: string, mode = 0o640): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, "w", mode);
  try {
    await file.writeFile(text);
    await file.chmod(mode);
    await file.datasync();
  } finally {
    await file.close();
  }
  try {
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The text of a file, or null when there is none. */
export async function readIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}
