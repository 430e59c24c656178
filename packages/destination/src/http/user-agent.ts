/** As which Sluice introduces itself wherever it asks. */
export const USER_AGENT = "sluice/0.1.0";
