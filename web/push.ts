/// <reference lib="dom" />
/**
 * The page that publishes a screen, a camera and a microphone.
 *
 * `?stream=app/name` fills in the name.
 *
 * @module
 */
import { PushPage } from "./push/push_page.ts";

new PushPage();
