import { type Command, Option } from "commander";
import { addExamples } from "../examples.ts";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { andMore, type PageOptions, withPage, withRegistry } from "../options.ts";
import { openRegistry } from "../registry/index.ts";
import { reportOf } from "../report.ts";
import { parsePlugin } from "../target.ts";

interface ReplyOptions {
  registry?: string;
  message?: string;
  withdraw?: boolean;
}

export function addReviewsCommand(program: Command, host: CliHost): void {
  const reviews = program.command("reviews").description("read what is said of a plugin, and answer it");

  const list = withPage(withRegistry(reviews.command("list")))
    .description("list the reviews of a plugin, with their ids and answers")
    .argument("<publisher/name>")
    .addOption(
      new Option("--sort <order>", "what comes first")
        .choices(["helpful", "newest", "highest", "lowest"])
        .default("newest"),
    )
    .action(
      async (name: string, options: PageOptions & { registry?: string; sort: string }, command: Command) => {
        const report = reportOf(host, command);
        const { limit, cursor, sort } = options;
        const registry = await openRegistry(host, options.registry);
        const page = await registry.listReviews(parsePlugin(name).plugin, { limit, cursor, sort });
        const lines = page.items.map(({ id, rating, title, body, authorName, version, createdAt, reply }) =>
          [
            `${id}  ${"★".repeat(rating)}  ${title}  (${authorName ?? "anonymous"}, ${version}, ${createdAt.slice(0, 10)})`,
            `    ${body.replaceAll("\n", "\n    ")}`,
            ...(reply ? [`    answer: ${reply.body.replaceAll("\n", "\n    ")}`] : []),
          ].join("\n"),
        );
        report.done(page, (lines.join("\n") || "No reviews yet.") + andMore(page.nextCursor));
      },
    );
  addExamples(list, ["plugboard reviews list acme/weather", "The newest first."]);

  const reply = withRegistry(reviews.command("reply"))
    .description(
      "answer a review of your own plugin, in the place of the answer before; signed with your key",
    )
    .argument("<publisher/name>")
    .argument("<review>", "rev_…, as reviews list shows it")
    .option("--message <text>", "the answer")
    .option("--withdraw", "take the answer away")
    .action(async (name: string, review: string, options: ReplyOptions, command: Command) => {
      const report = reportOf(host, command);
      const { plugin, publisher } = parsePlugin(name);
      if ((options.message === undefined) === !options.withdraw)
        throw new CliFailure("usage", "Give --message <text>, or --withdraw; one of the two.");
      const registry = await openRegistry(host, options.registry);
      const { signStatement, statementTypes } = await import("../../trust/index.ts"); // Slow to load, so only where it is needed.
      const { findSigningKey } = await import("../signing/index.ts");
      const record = await registry.findPublisher(publisher);
      const statement = {
        publisher,
        audience: "plugboard-registry",
        issuedAt: new Date().toISOString(),
        review,
        ...(options.withdraw ? { withdraw: true } : { body: options.message }),
      };
      const key = await findSigningKey(host, publisher, record?.keys);
      const signed = await signStatement(statementTypes.reply, statement, key);
      const answered = await registry.replyToReview(plugin, review, signed);
      report.done(
        answered,
        options.withdraw ? "The answer is taken away." : "The answer stands beside the review.",
      );
    });
  addExamples(
    reply,
    [
      `plugboard reviews reply acme/weather rev_… --message "Mended in 1.2.1, thank you."`,
      "Everybody can read it.",
    ],
    ["plugboard reviews reply acme/weather rev_… --withdraw", "Takes it away again."],
  );
}
