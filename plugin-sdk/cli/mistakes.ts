/** What an author can do wrong, and what then helps. By the code that `plugboard check --json` gives to the problem; docs/plugin-authoring.md has it as a table. */
export const mistakes: { readonly [code: string]: { mistake: string; remedy: string } } = {
  "json-malformed": {
    mistake: "plugin.json or package.json is not JSON, or has a name twice",
    remedy: "mend the place; JSON has no comments and no comma at the end of a list",
  },
  missing: { mistake: "a field that has to be there is not", remedy: "add it; the message says what it is" },
  "unknown-field": {
    mistake: "a field, or a keyword of a schema, that there is not",
    remedy: "correct its spelling, or remove it; the message lists the known ones",
  },
  "wrong-type": {
    mistake: "a text where a number belongs, and the like",
    remedy: "write what the message expects",
  },
  "wrong-format": {
    mistake: "an id, a name of an action or another text has not its form",
    remedy: "write it in the form that the message shows, such as `get-item`",
  },
  "not-allowed": {
    mistake: "a value, such as the name of a hook, that is none of those there are",
    remedy: "take one of those that the message lists",
  },
  "too-short": { mistake: "a text is empty or too short", remedy: "say more" },
  "too-long": { mistake: "a text is too long", remedy: "say it shorter" },
  "too-few": { mistake: "a list has too little in it", remedy: "add to it, or leave the field out" },
  "too-many": { mistake: "a list has too much in it", remedy: "keep what matters" },
  "too-small": { mistake: "a number is below its bound", remedy: "raise it" },
  "too-large": {
    mistake: "a number is above its bound, or a document has too many values",
    remedy: "lower it",
  },
  "too-deep": { mistake: "a document is nested too deep", remedy: "make it flatter" },
  "duplicate-item": { mistake: "the same stands twice in a list", remedy: "remove one" },
  "version-invalid": {
    mistake: "`version` is no semantic version, such as `v1.0`",
    remedy: "write `1.0.0`, or `1.0.0-beta.1`",
  },
  "engines-invalid": { mistake: "`engines.plugboard` is no range", remedy: "write `^1.0.0`" },
  "engine-range": {
    mistake: "no host there is fits `engines.plugboard`",
    remedy: "take one in, as `^1.0.0` does",
  },
  "main-invalid": { mistake: "`main` leads out of the package", remedy: "write `dist/plugin.js`" },
  "text-deceptive": {
    mistake: "a text has invisible or direction-changing characters",
    remedy: "remove them",
  },
  "text-multiline": {
    mistake: "a title, a reason or another text of one line has line breaks",
    remedy: "write it on one line; only a `description` may have paragraphs",
  },
  "host-invalid": {
    mistake: "a host has a wildcard, a path or an address, or is of the local network",
    remedy: "name each host; use `{shop}.example.com` for what differs by connection",
  },
  "placeholder-invalid": {
    mistake: "a `{placeholder}` of a host could be anything",
    remedy: "require the setting, and give it a pattern or an enum",
  },
  "path-invalid": {
    mistake: "a path of a permission is none",
    remedy: "write `/v1/items`, `/v1/items/*` or `/v1/**`",
  },
  "credential-ambiguous": {
    mistake: "one host gets the credential in one entry and not in another",
    remedy: 'say `"credential": false` in all of its entries or in none',
  },
  "event-reserved": {
    mistake: "an event's type begins with `plugboard.`",
    remedy: "name it after what your plugin is about",
  },
  "request-host-unknown": {
    mistake: "`requests` speaks of a host that no permission names",
    remedy: "declare it, or remove the entry",
  },
  "request-delay-invalid": {
    mistake: "a pause is longer than the longest that is allowed",
    remedy: "lower `delayMs` or raise `maxDelayMs`",
  },
  "request-reply-invalid": {
    mistake:
      "an entry of `retries.replies` does not say of which replies it is, or claims too much of a status",
    remedy: "give `at` and `is`; without them `statuses` from 400 to 499, without 408, and `nothingDone`",
  },
  "pricing-invalid": {
    mistake: "a price cannot be charged, such as in a currency that is none",
    remedy: "correct it as the message says",
  },
  "webhook-template-invalid": {
    mistake: "what is signed leaves out the body",
    remedy: "have `{body}` in the template once",
  },
  "webhook-acknowledge-invalid": {
    mistake: "what a delivery is answered is not of its content type, or XML that may be a page",
    remedy: "write JSON, plain elements, or another `contentType`",
  },
  "webhook-handshake-invalid": {
    mistake: "a handshake proves nothing, or looks where nothing is",
    remedy: "correct it as the message says",
  },
  "webhooks-not-declared": {
    mistake: "the code has `webhooks.normalize`, and plugin.json no `webhooks`",
    remedy: "say there how the host verifies what the vendor sends",
  },
  "auth-name-invalid": {
    mistake: "a header or parameter cannot carry a key",
    remedy: "name one that the vendor reads the key from",
  },
  "auth-format-invalid": {
    mistake: "`format` has not the placeholder in it once",
    remedy: "write `Bearer {key}`",
  },
  "auth-test-invalid": {
    mistake: "the test's request is not permitted",
    remedy: "declare its host and method under `permissions.network`",
  },
  "auth-duplicate": { mistake: "two entries of `auth` cannot be told apart", remedy: "remove one" },
  "auth-url-invalid": {
    mistake: "a URL of OAuth 2 is missing, of no use, or not permitted",
    remedy: "declare its host under `permissions.network`",
  },
  "auth-parameter-invalid": { mistake: "a parameter that the host sets itself", remedy: "remove it" },
  "auth-issuer-missing": {
    mistake: "a check of OAuth 2 has nothing to check against",
    remedy: "add `issuer`",
  },
  "auth-assertion-invalid": {
    mistake: "`assertion` is missing, or has no use with the grant",
    remedy: "add or remove it",
  },
  "auth-setting-invalid": {
    mistake: "`auth` reads a setting that connections need not have",
    remedy: "declare it under `connection.config`, and require it",
  },
  "schema-not-object": {
    mistake: "an input, or another schema of fields, is not of an object",
    remedy: "wrap it in `Type.Object({ … })`",
  },
  "schema-refused": {
    mistake: "a schema cannot be expressed: it refers elsewhere, to itself, or is too much",
    remedy: "write it out, or leave the rest open with `Type.Unknown()`",
  },
  "pattern-refused": {
    mistake: "a pattern could take for ever",
    remedy: "leave out look-arounds, back-references and nested repeats",
  },
  "unique-items-refused": {
    mistake: "`uniqueItems` of what is slow to compare",
    remedy: "give `maxItems`, or leave it out",
  },
  "hook-not-declared": {
    mistake: "the code has a hook that no permission asks for",
    remedy: "list it under `permissions.hooks.names`",
  },
  "hook-not-used": {
    mistake: "a permission asks for a hook that the code has not",
    remedy: "remove it there",
  },
  "event-not-declared": {
    mistake: "a trigger fires on an event that the plugin may not publish",
    remedy: "add its type to `permissions.events.publish`",
  },
  "config-differs": {
    mistake: "the code says of connections' settings what plugin.json does not",
    remedy: "say the same in `connection.config` and in `connection: { config }`",
  },
  "normalize-missing": {
    mistake: "a trigger waits for events of webhooks, and nothing makes them",
    remedy: "write `webhooks.normalize`",
  },
  "operation-not-permitted": {
    mistake: "something that has to ask the vendor, in a plugin that may not",
    remedy: "declare the vendor's hosts under `permissions.network`",
  },
  "entity-key-invalid": { mistake: "`key` is no required field of text", remedy: "name one of `schema`" },
  "entity-updated-at-invalid": { mistake: "`updatedAt` is no field", remedy: "name one of `schema`" },
  "entity-input-missing": {
    mistake: "an entity writes, and does not say which fields",
    remedy: "add `input`",
  },
  "entity-input-unused": {
    mistake: "an entity has an `input`, and writes nothing",
    remedy: "add `create` or `update`, or remove it",
  },
  "entity-filter-invalid": {
    mistake: "a filter of what cannot be listed by it",
    remedy: "add `list`, or correct the filter",
  },
  "entity-batch-invalid": {
    mistake: "a `batch` has an operation that its entity has not",
    remedy: "add the operation for a single record",
  },
  "name-twice": { mistake: "two actions (triggers, entities) of one name", remedy: "rename one" },
  "default-export-missing": {
    mistake: "the entry exports no plugin",
    remedy: "end it with `export default definePlugin({ … })`",
  },
  "entry-missing": {
    mistake: "there is no file to begin with",
    remedy: "write index.ts, or name it as `source` in package.json",
  },
  "error-code-unknown": {
    mistake: "`new PluginError` with a code that there is not",
    remedy: "take one of the table below",
  },
  "permission-missing": {
    mistake: "`run({ storage })` without the permission",
    remedy: "ask for it in plugin.json, with a reason",
  },
  "permission-unused": {
    mistake: "a permission that the code does not use",
    remedy: "remove it: tenants agree to every one",
  },
  "host-undeclared": {
    mistake: "a request to a host that plugin.json does not declare",
    remedy: "declare it under `permissions.network` with a reason",
  },
  "host-mentioned": {
    mistake: "a text names a host that is not declared",
    remedy: "nothing, if it is a link",
  },
  "request-not-https": { mistake: "a request over http", remedy: "use https" },
  syntax: { mistake: "text that is no code", remedy: "mend the place" },
  "strict-mode": {
    mistake: "code that only lax JavaScript allows",
    remedy: "write it as strict code, or take another package",
  },
  "import-of-node": {
    mistake: "an import of a module of Node",
    remedy: "use the standard web names, or what `run` is handed",
  },
  "import-unresolved": {
    mistake: "an import that leads nowhere",
    remedy: "install the package, or correct the name",
  },
  "import-meta": { mistake: "`import.meta`", remedy: "import what you need, JSON too" },
  "await-at-top": { mistake: "an `await` at the top of a file", remedy: "await inside of `run`" },
  "code-refused": {
    mistake: "`eval(…)`, `import(name)`, and what looks like them",
    remedy: "import at the top; plugins make no code from text",
  },
  "suspect-code": {
    mistake: "code that is hardly meant so, such as a comparison that is never true",
    remedy: "look at it",
  },
  "code-from-text": { mistake: "`new Function(…)`", remedy: "write the function" },
  "shared-changed": {
    mistake: "a change of what all code shares, such as `Array.prototype`",
    remedy: "write a function of your own",
  },
  "name-missing": {
    mistake: "a global name that the sandbox has not, such as `process`",
    remedy: "use what the message names instead",
  },
  "load-failed": {
    mistake: "code that throws as it loads",
    remedy: "mend the place; nothing can be asked before `run`",
  },
  "secret-found": {
    mistake: "a key or token in a file",
    remedy: "revoke it, and remove it; declare under `auth` what a plugin needs",
  },
  "secret-suspected": { mistake: "a text that looks like a secret", remedy: "the same, if it is one" },
  "file-foreign": { mistake: "a program or an archive in the package", remedy: "remove it" },
  "file-missing": { mistake: "no README.md or LICENSE", remedy: "write one" },
  "file-not-packed": {
    mistake: "a file that looks as if it were for the package, and is not taken along",
    remedy: "give it the name that is",
  },
  "listing-file": {
    mistake: "a README or icon that no page can show",
    remedy: "make it what its name says, and smaller",
  },
};
