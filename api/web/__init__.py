"""The web page: what a browser is shown. Templates are filled on the server, `static/` keeps them up to date.

What agents printed reaches a page only as text: the templates escape all of it, and no script of ours makes HTML.
"""
