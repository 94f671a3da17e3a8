/// <reference lib="dom" />
/**
 * The dashboard: what the server does, as it happens, and what can be done about it.
 *
 * @module
 */
import { DashboardPage } from "./dashboard/dashboard_page.ts";

new DashboardPage();
