"""How dangerous is what an agent does, and why. Pure.

    tools           a use of any tool, whatever the agent calls it: what everybody asks
    assessment      a shell command, a file that is read or written, a text of SQL
    rules           programs whose options and arguments decide; `phrases` are those whose first words do
    written_files   which files a program writes; `places` says where those lie
    network         what fetches, and what runs what was fetched
    credentials     files and variables that hold secrets

What counts is the programs that run, as `stream.shell` finds them, never how a command looks.
"""
