import type { ExitName } from "./exit-codes.ts";

/** One of the command line's own codes: how the command ends, and what it means. */
export interface FailureCode {
  exit: ExitName;
  meaning: string;
}

/**
 * The codes that `--json` names in `error.code` and that are the command line's own. What a registry or a host refused
 * has the code that these gave it, see docs/errors.md, and what is wrong with a package the package's.
 */
export const failureCodes: { readonly [code: string]: FailureCode } = {
  "address-insecure": { exit: "usage", meaning: "A token or key would be sent by http, in clear." },
  "build-stale": {
    exit: "failed",
    meaning: "plugin.json was raised to another version since the last build.",
  },
  "bundle-failed": { exit: "failed", meaning: "The plugin's code could not be bundled." },
  "check-failed": { exit: "failed", meaning: "A look at the plugin found problems." },
  cancelled: { exit: "cancelled", meaning: "Whoever was asked cancelled." },
  "code-refused": {
    exit: "failed",
    meaning: "The plugin's code has something in it that the sandbox refuses.",
  },
  "credential-malformed": { exit: "usage", meaning: "What was given as a vendor's credential is none." },
  "dev-config-malformed": { exit: "usage", meaning: "The settings of a connection cannot be read." },
  "dev-folder-refused": {
    exit: "conflict",
    meaning: "What stands under .plugboard is not what plugboard dev writes there, such as a link.",
  },
  "dev-not-running": { exit: "network", meaning: "No plugboard dev runs for the plugin." },
  "description-malformed": { exit: "failed", meaning: "The OpenAPI description cannot be read." },
  "description-missing": { exit: "notFound", meaning: "There is no such file with an OpenAPI description." },
  "description-server-unknown": {
    exit: "usage",
    meaning: "The OpenAPI description does not say where the API is, or nowhere that a plugin may call.",
  },
  "description-unsupported": {
    exit: "failed",
    meaning: "The OpenAPI description is of a version that is not read.",
  },
  "directory-not-empty": { exit: "failed", meaning: "A new plugin's folder has something in it." },
  "docs-stale": { exit: "failed", meaning: "The plugin's documentation is not what the plugin is now." },
  "entry-missing": { exit: "failed", meaning: "There is no index.ts or index.js to build." },
  "folder-link": {
    exit: "conflict",
    meaning: "A folder that should be written to is a link, which may lead anywhere.",
  },
  "host-error": { exit: "failed", meaning: "The host refused without saying why." },
  "host-malformed": { exit: "usage", meaning: "What should be a host's name or address is none." },
  "host-not-found": { exit: "notFound", meaning: "There is no Plugboard host at that address." },
  "host-unreachable": { exit: "network", meaning: "The host does not answer." },
  "input-malformed": { exit: "usage", meaning: "The input of a call is not JSON." },
  "json-malformed": { exit: "failed", meaning: "A file of the project is not JSON." },
  "key-exists": { exit: "conflict", meaning: "The profile has a key for this publisher." },
  "key-malformed": { exit: "usage", meaning: "What was given as a private key is none." },
  "key-missing": { exit: "notFound", meaning: "There is no such key in the profile or the environment." },
  "key-unknown": { exit: "auth", meaning: "The registry takes no signature of the keys that are here." },
  "manifest-invalid": { exit: "failed", meaning: "plugin.json breaks a rule." },
  "manifest-missing": { exit: "failed", meaning: "There is no plugin.json." },
  "name-malformed": { exit: "usage", meaning: "What should be a plugin's name is none." },
  "not-built": { exit: "failed", meaning: "There is no package to work on." },
  "operations-not-found": {
    exit: "usage",
    meaning: "The OpenAPI description has no operations of that kind.",
  },
  "operations-too-many": { exit: "usage", meaning: "These are more operations than one plugin should have." },
  "passphrase-mismatch": { exit: "usage", meaning: "The two passphrases that were typed differ." },
  "passphrase-missing": { exit: "auth", meaning: "A key is locked, and there is no passphrase to open it." },
  "passphrase-short": { exit: "usage", meaning: "A new passphrase is too short." },
  "passphrase-wrong": { exit: "auth", meaning: "The passphrase does not open the key." },
  "profile-exposed": { exit: "failed", meaning: "Other users of the machine may read the profile." },
  "profile-malformed": { exit: "failed", meaning: "The profile cannot be read." },
  "plugin-invalid": { exit: "failed", meaning: "plugin.json or the code has mistakes; each is named." },
  "publication-pending": { exit: "pending", meaning: "The registry has not decided in time; it goes on." },
  "publisher-malformed": { exit: "usage", meaning: "What should be a publisher's name is none." },
  "publisher-missing": { exit: "usage", meaning: "It was not said who publishes." },
  "publisher-unregistered": { exit: "notFound", meaning: "The registry does not know the publisher." },
  quarantined: { exit: "pending", meaning: "The registry's operator has to look at the package first." },
  "registry-error": { exit: "failed", meaning: "The registry refused without saying why." },
  "registry-malformed": { exit: "usage", meaning: "What should be a registry's address is none." },
  "registry-missing": { exit: "usage", meaning: "It was not said which registry." },
  "registry-not-found": { exit: "notFound", meaning: "There is no registry at that address." },
  "registry-unreachable": { exit: "network", meaning: "The registry does not answer." },
  rejected: { exit: "failed", meaning: "The registry's scanners rejected the package." },
  "secret-file": { exit: "failed", meaning: "A file for a secret could not be written." },
  "signature-stale": { exit: "failed", meaning: "The package changed since it was signed." },
  "stand-in-malformed": { exit: "usage", meaning: "PLUGBOARD_EGRESS_REWRITE cannot be read." },
  "stdin-missing": { exit: "usage", meaning: "Nothing came on standard input." },
  "tests-failed": { exit: "failed", meaning: "A test of the plugin failed." },
  "tests-missing": { exit: "failed", meaning: "The plugin has no tests." },
  unexpected: { exit: "internal", meaning: "A fault of Plugboard itself." },
  usage: { exit: "usage", meaning: "The command line is wrong." },
  "version-malformed": { exit: "usage", meaning: "What should be a plugin, or a version of one, is none." },
  "api-key-missing": { exit: "auth", meaning: "There is no API key for the host." },
  "consent-missing": {
    exit: "conflict",
    meaning: "Something has to be agreed to first, and nobody is there to be asked.",
  },
  "host-missing": { exit: "usage", meaning: "It was not said which Plugboard host." },
  "not-signed-in": { exit: "notFound", meaning: "Nothing is kept in the profile for this address." },
  "token-missing": { exit: "auth", meaning: "There is no token, and nobody to ask for one." },
  "token-unknown": { exit: "notFound", meaning: "The token's id is not known here." },
  "transfer-not-found": { exit: "notFound", meaning: "There is no such offer." },
  "consent-required": {
    exit: "conflict",
    meaning: "The permissions have to be agreed to: they and the digest are members of `error`.",
  },
  "consent-unclear": {
    exit: "failed",
    meaning: "The host asks a consent for something else than it shows, or than it was asked for.",
  },
  "install-not-found": { exit: "notFound", meaning: "The tenant has not installed this plugin." },
  "no-matching-version": { exit: "notFound", meaning: "No version that is offered satisfies the range." },
  "file-exists": { exit: "conflict", meaning: "A file that is to be made is there already." },
  "file-unwritable": { exit: "failed", meaning: "A file could not be written." },
  "root-malformed": { exit: "usage", meaning: "What was given as a registry's root is none." },
  unhealthy: {
    exit: "failed",
    meaning: "doctor found something that has to be mended; `checks` of `error` has all of it.",
  },
};
