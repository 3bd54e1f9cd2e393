/** The variables that commands read, and what for; docs/cli.md and `plugboard --help` are made from this. */
export const environment = {
  PLUGBOARD_REGISTRY_URL: "the registry, where --registry is not given",
  PLUGBOARD_ACCOUNT_TOKEN: "a token of an account at the registry; goes before the one that login kept",
  PLUGBOARD_HOST_URL: "the Plugboard host, where --host is not given",
  PLUGBOARD_API_KEY: "a tenant's API key at that host; goes before the one that login --host kept",
  PLUGBOARD_SIGNING_KEY:
    "a publisher's private key (JWK, or base64 of it), for CI; goes before the profile's keys. PLUGBOARD_PUBLISHER_KEY is its earlier name",
  PLUGBOARD_KEY_PASSPHRASE: "opens and locks the profile's publisher keys",
  PLUGBOARD_KEY_PASSPHRASE_FD: "the number of an open file descriptor to read that passphrase from",
  PLUGBOARD_NEW_KEY_PASSPHRASE: "what keys passphrase locks a key with from then on",
  PLUGBOARD_INSECURE_HTTP: "1 lets tokens and API keys be sent by http, in a network that you trust",
  PLUGBOARD_HOME: "where profile.json is kept (default: plugboard/ in the XDG configuration folder)",
  PLUGBOARD_DEV_CREDENTIAL: "under plugboard dev, and in tests that record: the vendor's credential, as JSON",
  PLUGBOARD_RECORD:
    "1 has tests record the exchanges that they replay otherwise, as plugboard test --record does",
  PLUGBOARD_EGRESS_REWRITE:
    'under plugboard dev, and in tests that record: hosts that something on this machine answers for, as JSON {"api.example.com":"http://127.0.0.1:4010"}',
  NO_COLOR: "set to anything, there are no colours",
} as const;
