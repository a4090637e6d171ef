import { start, stop } from "./demo";

export default async function setup(): Promise<() => Promise<void>> {
  try {
    process.env.MEDMARKET_TOUR = JSON.stringify(await start());
  } catch (err) {
    await stop();
    throw err;
  }
  return stop;
}
