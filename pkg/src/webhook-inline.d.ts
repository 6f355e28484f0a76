/** The module's bytes as base64; the build writes the JavaScript. */
declare const base64: string;
export default base64;
