import { access, constants } from "node:fs/promises";

/**
 * Whether a file or folder is there and may be used in this way.
 *
 * @param mode `constants.X_OK` and the like. @default that it exists
 */
export async function isAccessible(path: string, mode: number = constants.F_OK): Promise<boolean> {
  try {
    await access(path, mode);
    return true;
  } catch {
    return false;
  }
}
