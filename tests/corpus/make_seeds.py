"""Writes the first seeds of the fuzz corpora: small inputs that use every branch of a format.

Usage: make_seeds.py      with the Python of the 'runtime' environment; writes tests/corpus/<target>/
"""

import bz2
import gzip
import pathlib
import struct
import tempfile
import zlib

import pyarrow as pa
import tensorflow as tf

HERE = pathlib.Path(__file__).resolve().parent


def write(target, seeds):
    (HERE / target).mkdir(exist_ok=True)
    for name, data in seeds.items():
        (HERE / target / name).write_bytes(data)


def feature(values):
    if values and isinstance(values[0], bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
    if values and isinstance(values[0], float):
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def features(values):
    return tf.train.Features(feature={name: feature(each) for name, each in values.items()})


MIXED = {"i": [1, -2, 1 << 62], "f": [0.5, float("nan")], "b": [b"", b"\xff\x00"], "none": []}
EXAMPLE = tf.train.Example(features=features(MIXED)).SerializeToString(deterministic=True)
SEQUENCE = tf.train.SequenceExample(
    context=features(MIXED),
    feature_lists=tf.train.FeatureLists(
        feature_list={
            "words": tf.train.FeatureList(feature=[feature([b"a", b"b"]), feature([]), feature([b"c"])]),
            "empty": tf.train.FeatureList(),
        }
    ),
).SerializeToString(deterministic=True)
# The same features unpacked, a key twice, an unknown field.
UNPACKED = bytes.fromhex("0a160a090a01611204" "1a020801" "0a090a0161120412020d00" "9a06020801")


def records(*data):
    with tempfile.NamedTemporaryFile() as file:
        with tf.io.TFRecordWriter(file.name) as writer:
            for each in data:
                writer.write(each)
        return pathlib.Path(file.name).read_bytes()


write("example_decoder_fuzz", {"mixed": EXAMPLE, "unpacked": UNPACKED, "empty": b""})
write("sequence_example_fuzz", {"mixed": SEQUENCE, "context": EXAMPLE, "empty": b""})
write(
    "tfrecord_fuzz",
    {
        "three": records(b"", b"abc", EXAMPLE),
        "gzip": gzip.compress(records(b"abc", EXAMPLE), mtime=0),
        "long": struct.pack("<Q", 1 << 60) + b"\0" * 8,
    },
)


def stream(codec, data):
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, codec) as out:
        out.write(data)
    return sink.getvalue().to_pybytes()


def snappy_chunk(kind, content):
    """Of Snappy's framing format; a TFRecord ends with the checksum that it needs."""
    body = content if kind == 1 else pa.compress(content, "snappy", asbytes=True)
    return bytes([kind]) + struct.pack("<I", 4 + len(body))[:3] + records(content)[-4:] + body


LINES = b"".join(b"line %d\n" % i for i in range(40))
SNAPPY = b"\xff\x06\0\0sNaPpY"
SKIPPED = struct.pack("<II", 0x184D2A50, 3) + b"abc"  # a frame to be skipped, of zstd and LZ4
# The first byte chooses the format, the second how the bytes arrive.
write(
    "compression_fuzz",
    {
        "gzip": b"\0\1" + gzip.compress(LINES, mtime=0),
        "gzip_two": b"\0\2" + 2 * gzip.compress(b"abc", mtime=0),
        "zlib": b"\1\3" + zlib.compress(LINES),
        "zlib_two": b"\1\4" + zlib.compress(b"abc", 1) + zlib.compress(b"", 9),
        "zstd": b"\2\5" + stream("zstd", LINES),
        "zstd_skipped": b"\2\6" + stream("zstd", b"abc") + SKIPPED + stream("zstd", b"d"),
        "lz4": b"\3\7" + stream("lz4", LINES),
        "lz4_skipped": b"\3\x08" + stream("lz4", b"abc") + SKIPPED + stream("lz4", b"d"),
        "snappy": b"\4\x09" + SNAPPY + snappy_chunk(0, LINES) + snappy_chunk(1, b"abc"),
        "snappy_skipped": b"\4\x0a" + SNAPPY + b"\xfe\2\0\0ab" + SNAPPY + b"\x80\0\0\0",
        "bzip2": b"\5\x0b" + bz2.compress(LINES),
        "bzip2_two": b"\5\x0c" + bz2.compress(b"abc", 1) + bz2.compress(b"d", 1),
    },
)
write(
    "csv_fuzz",
    {
        "plain": b"a,b\n1,2.5\n,x\n",
        "quoted": b'a,b\r\n"x,""y""","line\nbreak"\r\n\r\n"open',
        "numbers": b"a\n1_000\n +5 \nnan\n-Infinity\n99999999999999999999\n",
    },
)
write(
    "jsonl_fuzz",
    {
        "kinds": b'{"i":1,"f":-2.5e3,"s":"\\u00e9\\ud83d\\ude00","b":true,"n":null,"x":NaN}',
        "nested": b'{"u":{"id":7,"t":["a",null]},"p":[{"x":1},{"y":[[]]}]}',
        "clash": b'{"a":[1,"x",{"b":2}],"c":18446744073709551616}',
    },
)


def long(value):
    """Avro's zigzag varint."""
    value = (value << 1) ^ (value >> 63)
    out = b""
    while value >= 128:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def text(value):
    return long(len(value)) + value


def avro(fields, count, content, codec=b"null"):
    """A container of one block; the first byte is the target's own."""
    schema = b'{"type":"record","name":"r","fields":' + fields + b"}"
    marker = b"0123456789abcdef"
    return (b"\0Obj\x01" + long(2) + text(b"avro.schema") + text(schema) + text(b"avro.codec")
            + text(codec) + long(0) + marker + long(count) + text(content) + marker)


DEFLATE = zlib.compressobj(9, zlib.DEFLATED, -15)
write(
    "avro_fuzz",
    {
        "union": avro(b'[{"name":"f","type":["null","long",{"type":"array","items":"string"}]}]', 3,
                      long(0) + long(1) + long(-7) + long(2) + long(1) + text(b"x") + long(0)),
        "deflate": avro(b'[{"name":"m","type":{"type":"map","values":"double"}}]', 1,
                        DEFLATE.compress(long(1) + text(b"k") + b"\0" * 8 + long(0)) + DEFLATE.flush(),
                        b"deflate"),
        "decimal": avro(b'[{"name":"d","type":{"type":"bytes","logicalType":"decimal","precision":9}},'
                        b'{"name":"e","type":{"type":"enum","name":"e","symbols":["A"]}}]', 1,
                        text(b"\x04\xe2") + long(0)),
        # More records than can be counted.
        "many_records": avro(b"[]", 1 << 60, b"") + long((1 << 63) - 1) + text(b"") + b"0123456789abcdef",
    },
)
write(
    "schema_text_fuzz",
    {
        "flights": (HERE.parents[1] / "examples" / "flights" / "schema.pbtxt").read_bytes(),
        "nested": b'feature { name: "a" type: STRUCT struct_domain { feature { name: "b" } } '
        b'value_counts { value_count { min: 1 max: 2 } } drift_comparator { infinity_norm { threshold: 0.1 } } } '
        b'sparse_feature { name: "s" index_feature { name: "i" } value_feature { name: "v" } } '
        b'string_domain { name: "d" value: "\\377" } default_environment: "TRAINING"',
        "broken": b'feature { name: "a" type: NO_SUCH }',
    },
)
write(
    "expression_fuzz",
    {
        "filter": b'is_present(f) and (j > 15 or s != "HA") and not i % 2 == 0 # a comment',
        "missing": b"fill(l, -1) * required + if(is_missing(i), 0, i ** 2) // `j`",
        "text": b"cross(lower(strip(s)), concat(\"\\x41\", 'b\\n'), substr(s, 1, 2), string(i))",
        "numbers": b"clip(log1p(float(s)), .5, 1e3) + round(int(\"7\")) - max(f, j, 1.5) / sqrt(vector)",
        "lists": b'in(t, "a", "b") and hash(t, buckets=10) < 5 or multi_hot(l, depth=4) > 0',
        "pattern": b'regex_match(t, "[a-c]+|\\\\d*") + length(feature("t")) + weekday(2013, i, j)',
        "chain": b"1" + b"+i" * 1999,
        "nested": b"(" * 99 + b"-f" + b")**2" * 99,
    },
)
write(
    "pipeline_fuzz",
    {
        "steps": b"pipeline: p\nroot: runs/p\nvars: {n: 3, t: 'a b', l: [1, 2]}\nsteps:\n"
        b'  - Gen: {text: "${t} $${x}", span: ${n}, rate: 1e-3, list: ${l}, map: {k: ~}}\n'
        b"    id: one\n    retries: 2\n    timeout: 1.5\n    memory: 2GiB\n    cache: false\n"
        b"  - Train: {}\n    inputs: {examples: [one.examples, Gen], baseline: latest_model}\n"
        b"    after: [one]\n  - Gen: {text: b}\n",
        "resolver": b"pipeline: p\nroot: r\nmetadata: r/m.db\nsteps:\n- Gen: {text: x}\n- Train:\n"
        b"  inputs: {examples: 'rolling_window(Gen.examples, 3)', baseline: none}\n",
        "aliases": b"pipeline: &p p\nroot: *p\nsteps: [&g {Gen: {text: &t [*p, *p]}}, {Train: {}, id: *p}]\n",
        "cycle": b'{"pipeline": "p", "root": "r", "steps": [{"Gen": {"text": "\\u00e9"}, "after": "Train"}, "Train"]}',
        "blocks": b"%YAML 1.2\n---\npipeline: !!str p\nroot: |-\n  a\n  b\nsteps: >\n  folded\n...\n",
    },
)
