"""Knowing: folds claims into known facts and tells changes. Pure: no session, no socket, no clock.

`step.step` takes one version through it; `fold.fold`, `changes.compare` and `origin.origin_of` are its parts, and
`voices` fits them to a topic. The rules are told in docs/knowing.md, with a worked example.
"""
