// Builds src/ into the Python package: one script, one style sheet, the same bytes every time.
import { build } from "esbuild";

const shared = {
  bundle: true,
  minify: true,
  charset: "utf8",
  target: "es2022",
  legalComments: "none",
  logLevel: "info",
};
const out = process.argv[2] ?? "../src/odograph/viewer";

await build({ ...shared, entryPoints: ["src/style.css"], outfile: `${out}/viewer.css` });
await build({
  ...shared,
  entryPoints: ["src/main.tsx"],
  outfile: `${out}/viewer.js`,
  format: "iife",
  jsx: "automatic",
  jsxImportSource: "preact",
});
