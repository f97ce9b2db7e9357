#!/usr/bin/env node
import { main } from '../lib/command-line.mjs';

process.exitCode = await main(process.argv.slice(2));
