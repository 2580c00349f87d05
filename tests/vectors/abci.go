// Prints the bytes that CometBFT's own Go types write for the messages of packages/chain/test/abci/samples.ts, as JSON: name and hex.
//
// To run it: in an empty folder beside a copy of this file, `go mod init abcivectors`, `go get github.com/cometbft/cometbft@v0.38.25`,
// `go run . > tests/vectors/abci.json`.
package main

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"time"

	"github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/proto/tendermint/crypto"
	tm "github.com/cometbft/cometbft/proto/tendermint/types"
)

// n bytes that count up from seed.
func b(n int, seed byte) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = seed + byte(i)
	}
	return out
}

var blockTime = time.Unix(1_800_000_000, 123_456_789).UTC()

func validator(seed byte) types.Validator {
	return types.Validator{Address: b(20, seed), Power: 1 << 59}
}

func params() *tm.ConsensusParams {
	return &tm.ConsensusParams{
		Block:     &tm.BlockParams{MaxBytes: 4_194_304, MaxGas: -1},
		Evidence:  &tm.EvidenceParams{MaxAgeNumBlocks: 100_000, MaxAgeDuration: 48*time.Hour + 5, MaxBytes: 65_536},
		Validator: &tm.ValidatorParams{PubKeyTypes: []string{"ed25519", "secp256k1"}},
		Version:   &tm.VersionParams{App: 7},
		Abci:      &tm.ABCIParams{VoteExtensionsEnableHeight: 9},
	}
}

func updates() []types.ValidatorUpdate {
	return []types.ValidatorUpdate{
		{PubKey: crypto.PublicKey{Sum: &crypto.PublicKey_Ed25519{Ed25519: b(32, 1)}}, Power: 10},
		{PubKey: crypto.PublicKey{Sum: &crypto.PublicKey_Secp256K1{Secp256K1: b(33, 2)}}, Power: 0},
	}
}

func votes() types.CommitInfo {
	return types.CommitInfo{Round: 2, Votes: []types.VoteInfo{
		{Validator: validator(3), BlockIdFlag: tm.BlockIDFlagCommit},
		{Validator: validator(4), BlockIdFlag: tm.BlockIDFlagAbsent},
	}}
}

func misbehavior() []types.Misbehavior {
	return []types.Misbehavior{
		{Type: types.MisbehaviorType_DUPLICATE_VOTE, Validator: validator(5), Height: 11, Time: blockTime, TotalVotingPower: 1 << 60},
		{Type: types.MisbehaviorType_LIGHT_CLIENT_ATTACK, Validator: validator(6), Height: 10, Time: time.Unix(-1, 0).UTC(), TotalVotingPower: 40},
	}
}

func txs() [][]byte {
	return [][]byte{b(3, 7), {}, b(200, 8)}
}

func events() []types.Event {
	return []types.Event{{Type: "transfer", Attributes: []types.EventAttribute{
		{Key: "to", Value: "Ünïcode", Index: true},
		{Key: "", Value: "", Index: false},
	}}}
}

func result() *types.ExecTxResult {
	return &types.ExecTxResult{
		Code: 5, Data: b(4, 9), Log: "log", Info: "info", GasWanted: 1 << 52, GasUsed: -1, Events: events(), Codespace: "space",
	}
}

func snapshot() *types.Snapshot {
	return &types.Snapshot{Height: 1 << 40, Format: 1, Chunks: 3, Hash: b(32, 10), Metadata: b(5, 11)}
}

func main() {
	out := map[string]string{}
	request := func(name string, value *types.Request) {
		raw, err := value.Marshal()
		if err != nil {
			panic(err)
		}
		out["request "+name] = hex.EncodeToString(raw)
	}
	response := func(name string, value *types.Response) {
		raw, err := value.Marshal()
		if err != nil {
			panic(err)
		}
		out["response "+name] = hex.EncodeToString(raw)
	}
	block := types.RequestFinalizeBlock{
		Txs: txs(), DecidedLastCommit: votes(), Misbehavior: misbehavior(), Hash: b(32, 12), Height: 12, Time: blockTime,
		NextValidatorsHash: b(32, 13), ProposerAddress: b(20, 14),
	}
	request("echo", types.ToRequestEcho("hello"))
	request("flush", types.ToRequestFlush())
	request("info", types.ToRequestInfo(&types.RequestInfo{Version: "0.38.25", BlockVersion: 11, P2PVersion: 8, AbciVersion: "2.0.0"}))
	request("initChain", types.ToRequestInitChain(&types.RequestInitChain{
		Time: blockTime, ChainId: "chain-1", ConsensusParams: params(), Validators: updates(), AppStateBytes: b(6, 15), InitialHeight: 3,
	}))
	request("initChain, empty", types.ToRequestInitChain(&types.RequestInitChain{Time: time.Unix(0, 0).UTC()}))
	request("query", types.ToRequestQuery(&types.RequestQuery{Data: b(4, 16), Path: "/store/da/key", Height: -1, Prove: true}))
	request("checkTx", types.ToRequestCheckTx(&types.RequestCheckTx{Tx: b(9, 17)}))
	request("checkTx, again", types.ToRequestCheckTx(&types.RequestCheckTx{Tx: b(9, 17), Type: types.CheckTxType_Recheck}))
	request("commit", types.ToRequestCommit())
	request("listSnapshots", types.ToRequestListSnapshots(&types.RequestListSnapshots{}))
	request("offerSnapshot", types.ToRequestOfferSnapshot(&types.RequestOfferSnapshot{Snapshot: snapshot(), AppHash: b(32, 18)}))
	request("loadSnapshotChunk", types.ToRequestLoadSnapshotChunk(&types.RequestLoadSnapshotChunk{Height: 1 << 40, Format: 1, Chunk: 2}))
	request("applySnapshotChunk", types.ToRequestApplySnapshotChunk(&types.RequestApplySnapshotChunk{Index: 2, Chunk: b(300, 19), Sender: "peer"}))
	request("prepareProposal", types.ToRequestPrepareProposal(&types.RequestPrepareProposal{
		MaxTxBytes: 1_000_000, Txs: txs(), LocalLastCommit: types.ExtendedCommitInfo{Round: 1, Votes: []types.ExtendedVoteInfo{
			{Validator: validator(20), VoteExtension: b(7, 21), ExtensionSignature: b(64, 22), BlockIdFlag: tm.BlockIDFlagNil},
		}},
		Misbehavior: misbehavior(), Height: 12, Time: blockTime, NextValidatorsHash: b(32, 13), ProposerAddress: b(20, 14),
	}))
	request("processProposal", types.ToRequestProcessProposal(&types.RequestProcessProposal{
		Txs: txs(), ProposedLastCommit: votes(), Misbehavior: misbehavior(), Hash: b(32, 12), Height: 12, Time: blockTime,
		NextValidatorsHash: b(32, 13), ProposerAddress: b(20, 14),
	}))
	request("extendVote", types.ToRequestExtendVote(&types.RequestExtendVote{
		Hash: b(32, 12), Height: 12, Time: blockTime, Txs: txs(), ProposedLastCommit: votes(), Misbehavior: misbehavior(),
		NextValidatorsHash: b(32, 13), ProposerAddress: b(20, 14),
	}))
	request("verifyVoteExtension", types.ToRequestVerifyVoteExtension(&types.RequestVerifyVoteExtension{
		Hash: b(32, 12), ValidatorAddress: b(20, 23), Height: 12, VoteExtension: b(7, 21),
	}))
	request("finalizeBlock", types.ToRequestFinalizeBlock(&block))
	request("finalizeBlock, empty", types.ToRequestFinalizeBlock(&types.RequestFinalizeBlock{Time: time.Unix(0, 0).UTC()}))

	response("exception", types.ToResponseException("PARSE: no"))
	response("echo", types.ToResponseEcho("hello"))
	response("flush", types.ToResponseFlush())
	response("info", types.ToResponseInfo(&types.ResponseInfo{
		Data: "data", Version: "0.1.0", AppVersion: 7, LastBlockHeight: 12, LastBlockAppHash: b(32, 24),
	}))
	response("initChain", types.ToResponseInitChain(&types.ResponseInitChain{ConsensusParams: params(), Validators: updates(), AppHash: b(32, 25)}))
	response("query", types.ToResponseQuery(&types.ResponseQuery{
		Code: 3, Log: "log", Info: "info", Index: 4, Key: b(4, 16), Value: b(8, 26),
		ProofOps: &crypto.ProofOps{Ops: []crypto.ProofOp{{Type: "ics23:iavl", Key: b(4, 16), Data: b(40, 27)}}},
		Height: 12, Codespace: "space",
	}))
	check := result()
	response("checkTx", types.ToResponseCheckTx(&types.ResponseCheckTx{
		Code: check.Code, Data: check.Data, Log: check.Log, Info: check.Info, GasWanted: check.GasWanted, GasUsed: check.GasUsed,
		Events: check.Events, Codespace: check.Codespace,
	}))
	response("commit", types.ToResponseCommit(&types.ResponseCommit{RetainHeight: 5}))
	response("listSnapshots", types.ToResponseListSnapshots(&types.ResponseListSnapshots{Snapshots: []*types.Snapshot{snapshot()}}))
	response("offerSnapshot", types.ToResponseOfferSnapshot(&types.ResponseOfferSnapshot{Result: types.ResponseOfferSnapshot_REJECT_FORMAT}))
	response("loadSnapshotChunk", types.ToResponseLoadSnapshotChunk(&types.ResponseLoadSnapshotChunk{Chunk: b(300, 19)}))
	response("applySnapshotChunk", types.ToResponseApplySnapshotChunk(&types.ResponseApplySnapshotChunk{
		Result: types.ResponseApplySnapshotChunk_RETRY, RefetchChunks: []uint32{0, 300}, RejectSenders: []string{"a", "b"},
	}))
	response("prepareProposal", types.ToResponsePrepareProposal(&types.ResponsePrepareProposal{Txs: txs()}))
	response("processProposal, accept", types.ToResponseProcessProposal(&types.ResponseProcessProposal{Status: types.ResponseProcessProposal_ACCEPT}))
	response("processProposal, reject", types.ToResponseProcessProposal(&types.ResponseProcessProposal{Status: types.ResponseProcessProposal_REJECT}))
	response("extendVote", types.ToResponseExtendVote(&types.ResponseExtendVote{VoteExtension: b(7, 21)}))
	response("verifyVoteExtension", types.ToResponseVerifyVoteExtension(&types.ResponseVerifyVoteExtension{Status: types.ResponseVerifyVoteExtension_REJECT}))
	response("finalizeBlock", types.ToResponseFinalizeBlock(&types.ResponseFinalizeBlock{
		Events: events(), TxResults: []*types.ExecTxResult{result(), {}}, ValidatorUpdates: updates(), ConsensusParamUpdates: params(), AppHash: b(32, 28),
	}))

	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(map[string]any{"source": "CometBFT v0.38.25, abci/types, written by tests/vectors/abci.go", "messages": out}); err != nil {
		panic(err)
	}
}
