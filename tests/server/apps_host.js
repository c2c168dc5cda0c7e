// A client's side of MCP Apps, as its authors wrote it, in the page around the app's frame.
import { AppBridge, PostMessageTransport } from "@modelcontextprotocol/ext-apps/app-bridge";

window.start = async (hostContext, capabilities) => {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.style.cssText = "width: 100%; height: 200px; border: 0";
  const bridge = new AppBridge(null, { name: "tests", version: "1" }, capabilities, { hostContext });
  const ready = new Promise((resolve) => { bridge.oninitialized = resolve; });
  bridge.onsizechange = ({ height }) => { frame.style.height = `${height}px`; };
  bridge.oncalltool = (params) => window.callTool(params);
  document.body.append(frame);
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  frame.src = "https://app.example/";
  await ready;
  window.bridge = bridge;
};
