// What Claude Desktop makes of a manifest and the user's choices: prints command, args and env as JSON.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [mcpb, bundle, choices] = process.argv.slice(2);
const { getMcpConfigForManifest } = await import(pathToFileURL(mcpb).href);
const config = await getMcpConfigForManifest({
  manifest: JSON.parse(readFileSync(`${bundle}/manifest.json`, "utf8")),
  extensionPath: bundle,
  systemDirs: {},
  userConfig: JSON.parse(choices),
  pathSeparator: "/",
});
process.stdout.write(JSON.stringify(config));
