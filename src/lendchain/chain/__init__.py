"""The chain under the platform: node, deployment, contract bindings, signing, outbox, indexer.

What other parts use:

- `Chain`: engine, outbox, sender and indexer in one hand: `enqueue`, `new_stage`, `step`, `settle`.
- `EmbeddedEngine`, `ExternalEngine`: what makes the blocks; nobody outside this package asks which one runs.
- `outbox.enqueue(conn, [NewOperation(...)])`: an outgoing operation inside the caller's own SQL transaction.
- `Fold`, `Event`: how a projection is fed from the chain and rewound.
- `open_chain`, `deploy`, `DeployConfig`, `Manifest`: which contracts stand where, on which chain.
- `Contract`, `artifact`: call data, views and events by the contract's ABI.
- `SandboxKeys`, `Account`, `StructType`, `domain_separator`: keys, signatures, typed data.
"""

from lendchain.chain.bindings import Artifact, Contract, artifact
from lendchain.chain.deploy import DeployConfig, deploy, open_chain
from lendchain.chain.embedded import EmbeddedEngine, running_node
from lendchain.chain.engine import (
    Capabilities,
    DepthFinality,
    Engine,
    ExternalEngine,
    FinalityRule,
    GasPolicy,
    TagFinality,
)
from lendchain.chain.events import Event, Fold
from lendchain.chain.indexer import Indexer, IndexerLimits, IndexerProgress
from lendchain.chain.keys import Account, Keyring, SandboxKeys, SeedFile
from lendchain.chain.manifest import Manifest
from lendchain.chain.outbox import NewOperation, OperationState
from lendchain.chain.rpc import Header, Receipt, Rpc
from lendchain.chain.runner import Chain
from lendchain.chain.sender import Sender, SenderLimits, SenderProgress
from lendchain.chain.typed_data import StructType, domain_separator, typed_data_digest

__all__ = [
    "Account",
    "Artifact",
    "Capabilities",
    "Chain",
    "Contract",
    "DeployConfig",
    "DepthFinality",
    "EmbeddedEngine",
    "Engine",
    "Event",
    "ExternalEngine",
    "FinalityRule",
    "Fold",
    "GasPolicy",
    "Header",
    "Indexer",
    "IndexerLimits",
    "IndexerProgress",
    "Keyring",
    "Manifest",
    "NewOperation",
    "OperationState",
    "Receipt",
    "Rpc",
    "SandboxKeys",
    "SeedFile",
    "Sender",
    "SenderLimits",
    "SenderProgress",
    "StructType",
    "TagFinality",
    "artifact",
    "deploy",
    "domain_separator",
    "open_chain",
    "running_node",
    "typed_data_digest",
]
