import { isDeceptive } from "@plugboard/plugin-sdk/manifest";
import { httpErrors, type Problem } from "@plugboard/service-kit/http";

/** What an author says, before and after it was tidied up. */
export interface ReviewText {
  /** 1 to 5 stars. */
  rating: number;
  title: string;
  body: string;
  authorName: string | null;
}

/** Marks piled on one letter, which spill over the lines above and below. */
const piledMarks = /\p{M}{9}/u;

/**
 * Brings a review's texts into the one form that is kept: composed Unicode, line feeds, no white space around. They are
 * plain text and stay what they are; whoever shows them has to escape them for where they are shown.
 *
 * @throws `invalid-request` where characters hide or pretend, or nothing is left
 */
export function tidyReview(text: ReviewText): ReviewText {
  const { rating, title, body, authorName } = text;
  const tidied = {
    rating,
    title: tidy(title).replaceAll("\n", " "),
    body: tidy(body),
    authorName: authorName === null ? null : tidy(authorName).replaceAll("\n", " "),
  };
  refuse([
    ...problemsOf("/title", tidied.title),
    ...problemsOf("/body", tidied.body),
    ...(tidied.authorName === null ? [] : problemsOf("/authorName", tidied.authorName)),
  ]);
  return tidied;
}

/** The same for one text of several lines. @throws `invalid-request` */
export function tidyText(pointer: string, text: string): string {
  const tidied = tidy(text);
  refuse(problemsOf(pointer, tidied));
  return tidied;
}

function tidy(text: string): string {
  return text.normalize("NFC").replaceAll("\r\n", "\n").replaceAll("\t", " ").trim();
}

function problemsOf(pointer: string, text: string): Problem[] {
  const message = problemOf(text);
  return message === undefined ? [] : [{ in: "body", pointer, message }];
}

function problemOf(text: string): string | undefined {
  if (!/[\p{L}\p{N}\p{P}\p{S}]/u.test(text)) return "must have something to read in it";
  if (isDeceptive(text)) return "must not have control, bidirectional or invisible characters";
  if (piledMarks.test(text)) return "must not have more than eight marks on one letter";
  return undefined;
}

function refuse(problems: Problem[]): void {
  const [first] = problems;
  if (!first) return;
  throw httpErrors.error("invalid-request", `body${first.pointer} ${first.message}.`, { problems });
}
