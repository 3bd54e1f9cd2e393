import { type Command, InvalidArgumentError } from "commander";

/** `--registry`, for every command that speaks to one. */
export function withRegistry(command: Command): Command {
  return command.option(
    "--registry <url>",
    "the registry (default: PLUGBOARD_REGISTRY_URL, else the profile's)",
  );
}

/** A parser for options that are a whole number within bounds. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };
}

/** A parser for options that are a time in seconds. */
export function seconds(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("Give a number of seconds above 0.");
}

/** `--host`, for every command that speaks to a Plugboard host. */
export function withHost(command: Command): Command {
  return command.option(
    "--host <url>",
    "the Plugboard host (default: PLUGBOARD_HOST_URL, else the profile's)",
  );
}

/** `--limit` and `--cursor`, for lists that come in pages. */
export function withPage(command: Command): Command {
  return command
    .option("--limit <number>", "entries at most, 1 to 100", wholeNumber(1, 100), 50)
    .option("--cursor <cursor>", "nextCursor of the page before");
}

export interface PageOptions {
  limit: number;
  cursor?: string;
}

/** Said below a list that goes on. */
export function andMore(nextCursor: string | null): string {
  return nextCursor === null ? "" : `\nMore: add --cursor ${nextCursor}`;
}
