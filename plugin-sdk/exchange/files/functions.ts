import { ExchangeRefusal } from "../refusal.ts";
import {
  checkContent,
  checkContentType,
  checkId,
  checkName,
  checkWhole,
  invalid,
  listOf,
  membersOf,
  notFound,
} from "./arguments.ts";
import { fetchFile } from "./request.ts";
import { defaultSliceBytes, maxSliceBytes, minSliceBytes, readBytes, readLines, readText } from "./slices.ts";
import type { FilesOfCall, HeldFileWriter, SendTransfer } from "./types.ts";

/** A function of a plugin's `files`: the list of its arguments in, plain data out. */
export type FileFunction = (payload: unknown, context: { signal: AbortSignal }) => Promise<unknown>;

/** Of one answer: of very short ones a slice has a million, and each is a text of its own. */
const maxLines = 10_000;

/** Files that one call may be writing at a time. */
const maxWriters = 8;

/**
 * The `files` of one call, the same in every host. All throw ExchangeRefusal, and what the files and `send` throw.
 * @param send left out where the call has nobody to send to
 */
export function openFileFunctions({ files, send }: { files: FilesOfCall; send?: SendTransfer | undefined }): {
  functions: { [name: string]: FileFunction };
  /** Takes away what was begun and not finished. */
  close(): Promise<void>;
} {
  const writers = new Map<string, { writer: HeldFileWriter; done: Promise<unknown> }>();
  const beginning = new Set<Promise<unknown>>();
  let isClosed = false;

  async function find(id: unknown) {
    const file = await files.find(checkId(id));
    if (!file) throw notFound(checkId(id));
    return file;
  }

  function writerOf(id: unknown) {
    const found = writers.get(checkId(id));
    if (!found) throw invalid("Only a file that this call has made, and not finished, can be written to.");
    return found;
  }

  /** One after the other, as they were asked for. */
  function inOrder<T>(open: { done: Promise<unknown> }, work: () => Promise<T>): Promise<T> {
    const doing = open.done.then(work);
    open.done = doing.catch(() => {});
    return doing;
  }

  async function create(payload: unknown) {
    const [about] = listOf(payload, 1);
    const { name, contentType } = membersOf(about, ["name", "contentType"]);
    if (writers.size + beginning.size >= maxWriters)
      throw invalid(`A call may be writing ${maxWriters} files at a time; finish one first.`);
    const begun = files.begin({ name: checkName(name), contentType: checkContentType(contentType) });
    const settled = begun.catch(() => {}).finally(() => beginning.delete(settled));
    beginning.add(settled);
    const writer = await begun;
    if (isClosed) {
      await writer.discard();
      throw aborted();
    }
    writers.set(writer.id, { writer, done: Promise.resolve() });
    return { id: writer.id };
  }

  const functions: { [name: string]: FileFunction } = {
    async "files.get"(payload) {
      const [id] = listOf(payload, 1);
      return files.find(checkId(id));
    },
    async "files.read"(payload) {
      const [id, given] = listOf(payload, 2);
      const options = membersOf(given, ["offset", "length", "as"]);
      const { as = "text", length = defaultSliceBytes } = options;
      if (as !== "text" && as !== "bytes") throw invalid('"as" must be "text" or "bytes".');
      const offset = offsetOf(options.offset);
      const most = checkWhole(length, "The length", { from: minSliceBytes, to: maxSliceBytes });
      const file = await find(id);
      return as === "bytes" ? readBytes(files, file, offset, most) : readText(files, file, offset, most);
    },
    async "files.lines"(payload) {
      const [id, given] = listOf(payload, 2);
      const { offset, quoted = false, limit = maxLines } = membersOf(given, ["offset", "quoted", "limit"]);
      if (typeof quoted !== "boolean") throw invalid('"quoted" must be true or false.');
      const most = checkWhole(limit, "The limit", { from: 1, to: maxLines });
      const slice = { start: offsetOf(offset), isQuoted: quoted, most };
      const { content: lines, next } = await readLines(files, await find(id), slice);
      return { lines, next };
    },
    "files.create": create,
    async "files.append"(payload) {
      const [id, given] = listOf(payload, 2);
      const open = writerOf(id);
      const content = checkContent(given);
      return inOrder(open, async () => {
        await open.writer.write(content);
        return { size: open.writer.size };
      });
    },
    async "files.finish"(payload) {
      const [id] = listOf(payload, 1);
      const open = writerOf(id);
      return inOrder(open, async () => {
        const file = await open.writer.finish();
        writers.delete(open.writer.id);
        return file;
      });
    },
    async "files.delete"(payload) {
      const [id] = listOf(payload, 1);
      const open = writers.get(checkId(id));
      if (!open) return files.remove(checkId(id));
      writers.delete(open.writer.id);
      await inOrder(open, () => open.writer.discard());
      return true;
    },
  };
  if (send) functions["files.fetch"] = (payload, { signal }) => fetchFile(payload, { files, send, signal });

  return {
    functions: Object.fromEntries(
      Object.entries(functions).map(([name, run]): [string, FileFunction] => [
        name,
        async (payload, context) => {
          if (isClosed) throw aborted();
          return run(payload, context);
        },
      ]),
    ),
    async close() {
      isClosed = true;
      await Promise.all(beginning);
      const left = [...writers.values()];
      writers.clear();
      await Promise.all(left.map((open) => inOrder(open, () => open.writer.discard())));
    },
  };
}

function offsetOf(value: unknown): number {
  return value === undefined || value === null
    ? 0
    : checkWhole(value, "The offset", { from: 0, to: Number.MAX_SAFE_INTEGER });
}

function aborted(): ExchangeRefusal {
  return new ExchangeRefusal("file-aborted", "The call that asked for this has ended.");
}
