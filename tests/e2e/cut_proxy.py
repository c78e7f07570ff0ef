# SPDX-License-Identifier: ISC
"""cut_proxy.py TO FROM NTH before|after

Stands between clients and a PostgreSQL server: passes everything on, from the socket in folder FROM to the one in TO, but
for the NTH connection that sends a COMMIT.  That one is cut: before the server has seen the COMMIT, or after the server
has answered it and before the client has the answer.  To the client both are the same.
"""
import os
import selectors
import socket
import sys
import threading

NAME = ".s.PGSQL.5432"
SENT = b"COMMIT\0"
ANSWERED = b"C\0\0\0\x0bCOMMIT\0"
lock = threading.Lock()
commits = 0


def is_the_one(nth):
    global commits
    with lock:
        commits += 1
        return commits == nth


def serve(client, to, nth, before):
    server = socket.socket(socket.AF_UNIX)
    server.connect(os.path.join(to, NAME))
    ways = selectors.DefaultSelector()
    ways.register(client, selectors.EVENT_READ, server)
    ways.register(server, selectors.EVENT_READ, client)
    tail = {client: b"", server: b""}
    counted = doomed = False
    try:
        while True:
            for key, _ in ways.select():
                data = key.fileobj.recv(65536)
                if not data:
                    return
                seen = tail[key.fileobj] + data
                tail[key.fileobj] = seen[-16:]
                if key.fileobj is client and not counted and SENT in seen:
                    counted = True
                    doomed = is_the_one(nth)
                    if doomed and before:
                        return
                if key.fileobj is server and doomed and ANSWERED in seen:
                    return
                key.data.sendall(data)
    except OSError:
        return
    finally:
        client.close()
        server.close()


def main():
    to, here, nth, when = sys.argv[1:]
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.path.join(here, NAME))
    listener.listen(16)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, to, int(nth), when == "before"), daemon=True).start()


main()
