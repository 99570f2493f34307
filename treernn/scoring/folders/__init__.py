"""Many tables: the files of folders, each scored into a file of its own in an output folder.

``inputs`` finds the files and shares them among processes on several machines, ``output`` knows
where their results lie and which are finished, and ``run`` scores them on this machine.
"""
