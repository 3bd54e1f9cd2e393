import { watch } from "chokidar";

/** Long enough for an editor that writes several files at once, and not to be felt. */
const settleMs = 25;

/** What is made from the sources, or belongs to others. */
const ignored = /(?:^|[\\/])(?:node_modules|dist|\.git|\.plugboard)(?:[\\/]|$)/;

/** Calls back after each change below a directory; several changes at once are one. */
export async function watchSources(
  directory: string,
  changed: (paths: string[]) => void,
): Promise<{ close(): Promise<void> }> {
  const paths = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(directory, {
    ignoreInitial: true,
    cwd: directory,
    followSymlinks: false, // One that leads to the whole disk would have all of it watched.
    ignored: (path) => ignored.test(path.slice(path.startsWith(directory) ? directory.length : 0)),
  });
  watcher.on("all", (_event, path) => {
    paths.add(path);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const seen = [...paths];
      paths.clear();
      changed(seen);
    }, settleMs);
  });
  await new Promise<void>((resolve) => watcher.once("ready", resolve));
  return {
    async close() {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}
