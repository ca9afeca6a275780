#!/usr/bin/env node
import { createNodeHost } from '../host/index.ts';
import { main } from './main.ts';

process.exitCode = await main(createNodeHost());
// Sockets kept alive or a stuck child must not hold an answered command open.
process.exit();
