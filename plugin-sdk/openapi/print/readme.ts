import type { EntityModel } from "../model/entities.ts";
import type { ReadAction } from "../model/read-actions.ts";
import { groupNotes, type Note } from "../notes.ts";
import { markdownText, plainText } from "../text.ts";

const maxReasons = 60;
const maxPlaces = 3;

/** README.md: what the plugin does, and what of the description it does not have. */
export function readmeFile(o: {
  displayName: string;
  source: string;
  actions: ReadAction[];
  entities: EntityModel[];
  notes: Note[];
}): string {
  const { displayName, source, actions, entities, notes } = o;
  const parts = [
    `# ${markdownText(displayName)}`,
    `Made by \`plugboard init\` from the OpenAPI description of ${markdownText(source)}. From here on the code is yours: change what reads better by hand, and take out what nobody needs.`,
    `## Actions\n\n| action | request | does |\n| --- | --- | --- |\n${actions
      .map(
        ({ name, operation, title }) =>
          `| \`${name}\` | ${operation.method} ${markdownText(operation.path)} | ${markdownText(title)} |`,
      )
      .join("\n")}`,
    entities.length === 0
      ? ""
      : `## Entities\n\n| entity | key | can be |\n| --- | --- | --- |\n${entities.map(entityRow).join("\n")}`,
    `## Develop

\`\`\`sh
npm install
npm test               # the built plugin in the sandbox, against replies written in the tests
npm run check          # types, and all that a registry would look at
npm run build
\`\`\`

\`plugin.json\` says what the plugin may reach; a tenant sees and agrees to exactly that before it runs. Answers of the API are checked for their shape, not for formats, limits or lists of values: a vendor may add a value, and the plugin goes on.`,
    notesPart(notes),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function entityRow({ name, key, create, update, remove }: EntityModel): string {
  const can = ["listed", "read", create && "created", update && "changed", remove && "removed"];
  return `| \`${name}\` | ${markdownText(key)} | ${can.filter((one) => one !== undefined).join(", ")} |`;
}

/** A pointer has names of the description in it, whatever these are. */
const placeText = (pointer: string): string => markdownText(plainText(pointer, 300) ?? "/");

const headings = {
  decide: ["To decide", "What is likely meant was taken; look at these."],
  "left-out": ["Left out", "The plugin does not have these."],
  simplified: ["Simplified", "The plugin has these, and checks less of them than the description says."],
} as const;

/** What could not be taken over, by reason, with the first places of each. */
function notesPart(notes: Note[]): string {
  if (notes.length === 0)
    return "## What was not taken over\n\nNothing: all of the description that was chosen is here.";
  const groups = groupNotes(notes);
  const sections = (["decide", "left-out", "simplified"] as const).flatMap((kind) => {
    const own = groups.filter((group) => group.kind === kind);
    if (own.length === 0) return [];
    const rows = own.slice(0, maxReasons).map(({ reason, pointers }) => {
      const places = pointers.slice(0, maxPlaces).map(placeText).join(", ");
      const more = pointers.length > maxPlaces ? ` and ${pointers.length - maxPlaces} more` : "";
      return `| ${markdownText(reason)} | ${places}${more} |`;
    });
    const [title, text] = headings[kind];
    return [
      `### ${title}\n\n${text}\n\n| what | where in the description |\n| --- | --- |\n${rows.join("\n")}`,
    ];
  });
  return `## What was not taken over\n\n${sections.join("\n\n")}`;
}
