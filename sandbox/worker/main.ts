/**
 * What the thread runs. The order of the imports is the first wall: what Node gives is put aside, then the
 * intrinsics are frozen, then the rest is loaded, and at last the globals are taken away.
 */
import "./natives.ts";
import "./lockdown.ts";
import type { LoadTask } from "../messages.ts";
import { serve } from "./runner.ts";
import { scuttle } from "./scuttle.ts";

scuttle();

/** The one task that tinypool gives this thread. What it begins lasts as long as the thread. */
export default function runTask(load: LoadTask): void {
  serve(load);
}
