"""Checks that the original ML Metadata library and ours agree on a store that we have written.

Usage: metadata_check.py METADATA_DB [--write]      in the interop environment (make interop)

The library opens the file; types, artifacts, executions, contexts, events and lineage that it
returns are compared with the rows, and with the records TFX would have made of a pipeline run. With
--write it adds a node of each kind to a copy of the file, which must then still hold together.
Prints what it found; exit 1 and a message for the first disagreement.
"""

import argparse
import collections
import pathlib
import shutil
import sqlite3
import tempfile

from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2 as mlmd

SYSTEM_TYPES = [
    "mlmd.Dataset", "mlmd.Model", "mlmd.Metrics", "mlmd.Statistics", "mlmd.Train",
    "mlmd.Transform", "mlmd.Process", "mlmd.Evaluate", "mlmd.Deploy",
]


def open_store(path):
    config = mlmd.ConnectionConfig()
    config.sqlite.filename_uri = str(path)
    config.sqlite.connection_mode = mlmd.SqliteMetadataSourceConfig.READWRITE
    return metadata_store.MetadataStore(config)


def schema_of(path):
    """Tables and indexes with their statements, spaces apart."""
    rows = sqlite3.connect(path).execute("SELECT type, name, sql FROM sqlite_master")
    return {(kind, name): "".join((sql or "").split()) for kind, name, sql in rows}


def check_schema(path, folder):
    fresh = folder / "fresh.db"
    config = mlmd.ConnectionConfig()
    config.sqlite.filename_uri = str(fresh)
    config.sqlite.connection_mode = mlmd.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
    metadata_store.MetadataStore(config).get_artifact_types()
    wanted, got = schema_of(fresh), schema_of(path)
    assert wanted == got, {k: (wanted.get(k), got.get(k)) for k in wanted.keys() ^ got.keys()} or [
        k for k in wanted if wanted[k] != got[k]]
    rows = sqlite3.connect(path).execute("SELECT name FROM Type WHERE id <= 9 ORDER BY id")
    names = [name for (name,) in rows]
    assert names == SYSTEM_TYPES, names
    print(f"schema: {len(got)} tables and indexes, the same")


def check_counts(store, path):
    database = sqlite3.connect(path)
    for table, nodes in (("Artifact", store.get_artifacts()), ("Execution", store.get_executions()),
                         ("Context", store.get_contexts())):
        ids = [i for (i,) in database.execute(f"SELECT id FROM {table} ORDER BY id")]
        assert sorted(n.id for n in nodes) == ids, table
        print(f"{table.lower()}s: {len(ids)}")


def check_types(store):
    types = {t.name: t for t in store.get_artifact_types()}
    if "Examples" in types:
        wanted = {"span": mlmd.INT, "version": mlmd.INT, "split_names": mlmd.STRING}
        got = dict(types["Examples"].properties)
        assert wanted.items() <= got.items(), got
        assert types["Examples"].base_type == mlmd.ArtifactType.DATASET
    print(f"artifact types: {', '.join(sorted(types))}")
    print(f"execution types: {', '.join(sorted(t.name for t in store.get_execution_types()))}")


def check_runs(store):
    pipelines = store.get_contexts_by_type("pipeline")
    assert len(pipelines) == 1, pipelines
    runs = store.get_children_contexts_by_context(pipelines[0].id)
    assert runs, "no run hangs below the pipeline"
    for run in runs:
        executions = store.get_executions_by_context(run.id)
        states = collections.Counter(mlmd.Execution.State.Name(e.last_known_state) for e in executions)
        print(f"run {run.name}: {dict(states)}")
        for execution in executions:
            contexts = {store.get_context_types_by_id([c.type_id])[0].name
                        for c in store.get_contexts_by_execution(execution.id)}
            assert {"pipeline", "pipeline_run", "node"} <= contexts, contexts
            if execution.last_known_state in (mlmd.Execution.COMPLETE, mlmd.Execution.CACHED):
                assert "execution_cache" in contexts, contexts


def check_lineage(store):
    """Every artifact was written by one execution that ran; its ancestors are found from it."""
    deepest = 0
    for artifact in store.get_artifacts():
        events = [e for e in store.get_events_by_artifact_ids([artifact.id])
                  if e.type == mlmd.Event.OUTPUT]
        states = {e.id: e.last_known_state
                  for e in store.get_executions_by_id([e.execution_id for e in events])}
        makers = [e for e in events if states[e.execution_id] == mlmd.Execution.COMPLETE]
        assert len(makers) == 1, (artifact.id, states)
        steps = makers[0].path.steps
        assert len(steps) == 2 and steps[0].key and steps[1].index >= 0, steps
        assert f"/{steps[0].key}/" in artifact.uri, artifact.uri
        assert artifact.state == mlmd.Artifact.LIVE
        assert artifact.custom_properties["tfx_version"].string_value
        graph = store.get_lineage_subgraph(mlmd.LineageSubgraphQueryOptions(
            starting_artifacts=mlmd.LineageSubgraphQueryOptions.StartingNodes(
                filter_query=f"id = {artifact.id}"),
            direction=mlmd.LineageSubgraphQueryOptions.UPSTREAM))
        deepest = max(deepest, len(graph.artifacts))
    print(f"lineage: of every artifact one maker; up to {deepest} artifacts upstream")


def check_writing(path, folder):
    copy = folder / "copy.db"
    shutil.copy(path, copy)
    store = open_store(copy)
    before = len(store.get_artifacts())
    kind = mlmd.ArtifactType(name="Examples", properties={"span": mlmd.INT})
    type_id = store.put_artifact_type(kind, can_omit_fields=True, can_add_fields=True)
    (artifact_id,) = store.put_artifacts([mlmd.Artifact(type_id=type_id, uri="/by-the-library")])
    execution_type = store.put_execution_type(mlmd.ExecutionType(name="Other"))
    (execution_id,) = store.put_executions([mlmd.Execution(type_id=execution_type)])
    store.put_events([mlmd.Event(artifact_id=artifact_id, execution_id=execution_id,
                                 type=mlmd.Event.INPUT)])
    assert len(store.get_artifacts()) == before + 1
    print("written by the library: one artifact, one execution, one event")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("database", type=pathlib.Path)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        check_schema(args.database, folder)
        store = open_store(args.database)
        check_counts(store, args.database)
        check_types(store)
        check_runs(store)
        check_lineage(store)
        if args.write:
            check_writing(args.database, folder)
    print("agreed")


main()
