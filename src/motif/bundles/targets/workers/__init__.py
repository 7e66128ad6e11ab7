"""Programs that a conversion starts, each alone with the one framework it needs.

Each takes a folder: `job.json` says what is wanted, further files hold models (`model.*`) and arrays (`*.npy`); what it
makes it leaves in that folder. They share nothing with motif, so that an interpreter without it can run them.
"""
