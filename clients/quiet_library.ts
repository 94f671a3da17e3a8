/**
 * Has the library that reads files and HLS write nothing to the terminal: what fails is told in errors, and its own lines show
 * addresses with their keys.
 *
 * @module
 */
import { Logging, LogLevel } from "mediabunny";

Logging.level = LogLevel.Silent;
