/** Tables that the core reads too: the build lays their text in. */
declare module "*.txt" {
  const text: string;
  export default text;
}
