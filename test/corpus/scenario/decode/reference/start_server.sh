#!/bin/sh
# The corpus's reference: the toy, slower and one request at a time.
exec node main.mjs
