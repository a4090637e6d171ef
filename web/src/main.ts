import { mount } from "svelte";
import "../../marketplace/server/pages/style.css";
import "./app.css";
import App from "./App.svelte";
import Unreachable from "./routes/Unreachable.svelte";
import { loadSite } from "./lib/site";

const target = document.getElementById("app")!;
loadSite().then(
  () => mount(App, { target }),
  () => mount(Unreachable, { target }),
);
