/** The plugin interface that this host offers: what `engines.plugboard` of a newer version has to take in. */
export const hostVersion = "1.0.0";
