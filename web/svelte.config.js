export default {
  // Everything is written with runes; styles are in files, since the pages' policy lets nothing inline in.
  compilerOptions: { runes: true, css: "external" },
};
