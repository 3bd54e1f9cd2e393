/** A publisher's statement on 5,000 files with long paths is about 2 MB. */
export const maxStatementBytes = 4 * 1024 * 1024;
