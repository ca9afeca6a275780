#!/bin/sh
cd honest
setsid sh ./start_server.sh >/dev/null 2>&1 &
sleep 1
