# A client of HTTP/2 over TLS: httpx, on the ssl module and the h2 package.
# client.py URL CA-FILE: prints what it was answered to a GET, to a POST of 1 MiB and to many GETs at once, as JSON.

import asyncio
import json
import ssl
import sys

import httpx

url, authority = sys.argv[1:]
body = bytes(range(256)) * 4096


async def main():
    context = ssl.create_default_context(cafile=authority)
    async with httpx.AsyncClient(http2=True, verify=context, trust_env=False, timeout=30) as client:
        first = await client.get(f'{url}/first')
        echo = await client.post(f'{url}/echo', content=body)
        many = await asyncio.gather(*(client.get(f'{url}/{number}') for number in range(50)))
        print(json.dumps({
            'version': first.http_version,
            'first': first.json(),
            'echoed': echo.content == body,
            'many': [answer.json()['path'] for answer in many],
        }))


asyncio.run(main())
