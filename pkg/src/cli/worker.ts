import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { version } from "../index.js";
import { EXIT, type ExitCode, Failure, systemCode, usage } from "./failure.js";
import { atMostOne, COMMON, parse } from "./options.js";
import { print, printable, printJson } from "./output.js";
import { projectFiles } from "./worker-project/files.js";

/** Writes a project that deploys the Worker. */
export async function worker(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parse("worker", args, COMMON);
  const named = atMostOne("worker", positionals, "folder");
  if (!named) throw usage('no folder: name the one to write, such as "edge-cashier worker payments-worker"');
  const folder = resolve(named);
  const files = projectFiles(version);
  try {
    await place(folder, files, await isThere(folder, named));
  } catch (error) {
    throw error instanceof Failure ? error : notWritten(error, named);
  }
  const paths = Object.keys(files);
  if (values.json) printJson({ folder, files: paths });
  else
    print(
      `${printable(named)} has:\n  ${paths.join("\n  ")}\nNow: npm install in it, then the five steps of its README.md.`,
    );
  return EXIT.ok;
}

/** Whether the folder exists; one that holds anything is refused. */
async function isThere(folder: string, named: string): Promise<boolean> {
  const found = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (!found?.length) return found !== undefined;
  const shown = found.slice(0, 3).map(printable).join(", ");
  const more = found.length > 3 ? ` and ${found.length - 3} more` : "";
  throw new Failure(
    EXIT.refused,
    `${printable(named)} is not empty, and nothing in it is overwritten: it holds ${shown}${more}. Name a folder that does not exist yet, or move these away`,
  );
}

/**
 * Writes the files aside and moves them when all are there, so that a failure leaves nothing behind. A folder that exists stays the same folder: a
 * shell may be in it.
 */
async function place(folder: string, files: Record<string, string>, exists: boolean): Promise<void> {
  const aside = join(exists ? folder : dirname(folder), `.edge-cashier-${randomUUID()}`);
  await mkdir(aside);
  try {
    for (const [path, contents] of Object.entries(files)) {
      await mkdir(dirname(join(aside, path)), { recursive: true });
      await writeFile(join(aside, path), contents);
    }
    if (exists) await moveContents(aside, folder);
    else await rename(aside, folder);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function moveContents(from: string, to: string): Promise<void> {
  const moved: string[] = [];
  try {
    for (const entry of await readdir(from)) {
      await rename(join(from, entry), join(to, entry));
      moved.push(join(to, entry));
    }
  } catch (error) {
    for (const path of moved) await rm(path, { recursive: true, force: true });
    throw error;
  }
}

function notWritten(error: unknown, named: string): unknown {
  const reasons: Record<string, string> = {
    ENOENT: "the folder above it does not exist: create that first",
    ENOTDIR: "it, or a part of its path, is a file: name another folder",
    EACCES: "it may not be written: check the permissions of it and of the folder above it",
    EROFS: "the file system is read-only: name a folder elsewhere",
    ENOSPC: "the disk is full: free some space, then repeat",
    ENOTEMPTY: "another program has just put something there: look into it, then repeat",
  };
  const code = systemCode(error);
  return code === undefined
    ? error
    : new Failure(EXIT.refused, `cannot write ${printable(named)}: ${reasons[code] ?? code}`);
}
