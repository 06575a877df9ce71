/**
 * Words of a text with spaces between them, and others that need some of their own.
 * @param {string} text
 * @param {string[]} others
 */
export const list = (text, ...others) => [...text.trim().split(/\s+/), ...others];
