/** Nothing beyond the common Markdown in 1.0. */
export const blocks = [];
export const inlines = [];
