// Judges the blocks of tests/vectors/chain.json by the rules with which a CometBFT node accepts a block.
// Run: go run ./validate < ../../vectors/chain.json
package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/crypto/merkle"
	"github.com/cometbft/cometbft/libs/log"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	sm "github.com/cometbft/cometbft/state"
	"github.com/cometbft/cometbft/types"
)

type chain struct {
	ChainID     string `json:"chainId"`
	GenesisTime int64  `json:"genesisTimeMs"`
	AppHash     string `json:"appHash"`
	MaxBytes    int64  `json:"maxBytes"`
	MaxGas      int64  `json:"maxGas"`
	Validators  []struct {
		PublicKey string `json:"publicKey"`
		Power     int64  `json:"power"`
	} `json:"validators"`
	Blocks []struct {
		Block           string `json:"block"`
		Commit          string `json:"commit"`
		Validators      string `json:"validators"`
		AppHash         string `json:"appHash"`
		LastResultsHash string `json:"lastResultsHash"`
	} `json:"blocks"`
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func unhex(text string) []byte {
	out, err := hex.DecodeString(text)
	check(err)
	return out
}

func main() {
	var in chain
	check(json.NewDecoder(os.Stdin).Decode(&in))
	params := types.DefaultConsensusParams()
	params.Block.MaxBytes = in.MaxBytes
	params.Block.MaxGas = in.MaxGas
	genesis := &types.GenesisDoc{ChainID: in.ChainID, GenesisTime: time.UnixMilli(in.GenesisTime).UTC(), ConsensusParams: params, AppHash: unhex(in.AppHash)}
	for _, validator := range in.Validators {
		key := ed25519.PubKey(unhex(validator.PublicKey))
		genesis.Validators = append(genesis.Validators, types.GenesisValidator{Address: key.Address(), PubKey: key, Power: validator.Power})
	}
	state, err := sm.MakeGenesisState(genesis)
	check(err)
	// as a node does after InitChain
	state.LastResultsHash = merkle.HashFromByteSlices(nil)
	store := sm.NewStore(dbm.NewMemDB(), sm.StoreOptions{})
	executor := sm.NewBlockExecutor(store, log.NewNopLogger(), nil, nil, sm.EmptyEvidencePool{}, nil)
	for i, given := range in.Blocks {
		var raw cmtproto.Block
		check(raw.Unmarshal(unhex(given.Block)))
		again, err := raw.Marshal()
		check(err)
		if !bytes.Equal(again, unhex(given.Block)) {
			panic(fmt.Sprintf("block %d has other bytes in Go", i+1))
		}
		block, err := types.BlockFromProto(&raw)
		check(err)
		check(executor.ValidateBlock(state, block))
		if !bytes.Equal(block.ProposerAddress, state.Validators.GetProposer().Address) {
			panic(fmt.Sprintf("block %d has another proposer", block.Height))
		}
		var rawSet cmtproto.ValidatorSet
		check(rawSet.Unmarshal(unhex(given.Validators)))
		set, err := types.ValidatorSetFromProto(&rawSet)
		check(err)
		if set.String() != state.Validators.String() {
			panic(fmt.Sprintf("block %d has another validator set: %v, %v", block.Height, set, state.Validators))
		}
		var rawCommit cmtproto.Commit
		check(rawCommit.Unmarshal(unhex(given.Commit)))
		commit, err := types.CommitFromProto(&rawCommit)
		check(err)
		parts, err := block.MakePartSet(types.BlockPartSizeBytes)
		check(err)
		id := types.BlockID{Hash: block.Hash(), PartSetHeader: parts.Header()}
		check(state.Validators.VerifyCommit(in.ChainID, id, block.Height, commit))

		state.LastBlockHeight = block.Height
		state.LastBlockID = id
		state.LastBlockTime = block.Time
		state.LastValidators = state.Validators.Copy()
		state.Validators = state.NextValidators.Copy()
		state.NextValidators = state.NextValidators.CopyIncrementProposerPriority(1)
		state.AppHash = unhex(given.AppHash)
		state.LastResultsHash = unhex(given.LastResultsHash)
	}
	fmt.Printf("%d blocks are valid\n", len(in.Blocks))
}
