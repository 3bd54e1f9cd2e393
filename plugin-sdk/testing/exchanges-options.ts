/** Where a test's exchanges with the vendor are kept, and what is done with them. */
export interface ExchangesOptions {
  /** A JSON file, from the plugin's directory. Each test host has one of its own. */
  file: string;
  /**
   * `replay` answers requests from the file; one that is not in it fails the call. `record` sends them to the vendor,
   * and writes the file when the host is closed. `auto` records what there is no file of, and never where `CI` is set.
   * Default: `record` where the environment says `PLUGBOARD_RECORD=1`, else `replay`.
   */
  mode?: "replay" | "record" | "auto";
  /**
   * What requests are authenticated with while they are recorded: a JSON file that you alone can read, such as
   * `{"type":"apiKey","key":"…"}`. Default: what `PLUGBOARD_DEV_CREDENTIAL` holds. It does not get into the file.
   */
  credential?: string;
}
