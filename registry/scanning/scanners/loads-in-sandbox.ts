import { SandboxError } from "@plugboard/sandbox";
import { judged, type Scanner } from "../scanner.ts";

/**
 * What says nothing of the code: the host had no room for it just now, or no time. Loading waits for nothing, so code that
 * hangs is told by the processor time that it takes.
 */
const notTheCodes = new Set([
  "plugin-busy",
  "plugin-host-busy",
  "plugin-closed",
  "plugin-deadline-exceeded",
  "call-aborted",
]);

/** The code loads behind the same walls that it will run behind. One that hangs, or takes the process down, does not. */
export const loadsInSandbox: Scanner = {
  name: "loads-in-sandbox",
  version: "1",
  deadlineMs: 30_000,
  async scan({ describe, content }) {
    try {
      const { actions, hooks } = await describe();
      return judged([], { actions: Object.keys(actions).length, hooks: hooks.length });
    } catch (error) {
      if (!(error instanceof SandboxError) || notTheCodes.has(error.code)) throw error;
      const message = `The code does not load in the sandbox (${error.code}): ${error.message} Try it with \`plugboard dev\`.`;
      return judged([{ code: error.code, pointer: "/main", file: content.manifest.main, message }]);
    }
  },
};
